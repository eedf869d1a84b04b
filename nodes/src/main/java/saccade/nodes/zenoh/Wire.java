package saccade.nodes.zenoh;

/** Numbers of the Zenoh 1.x wire (commons/zenoh-protocol of the Rust implementation). */
final class Wire {
  static final int VERSION = 9;

  static final int ID = 0x1F;
  static final int Z = 0x80;

  // transport messages
  static final int T_OAM = 0x00;
  static final int INIT = 0x01;
  static final int OPEN = 0x02;
  static final int CLOSE = 0x03;
  static final int KEEP_ALIVE = 0x04;
  static final int FRAME = 0x05;
  static final int FRAGMENT = 0x06;
  static final int JOIN = 0x07;
  static final int ACK = 0x20; // INIT, OPEN
  static final int INIT_SIZES = 0x40;
  static final int OPEN_SECONDS = 0x40;
  static final int RELIABLE = 0x20; // FRAME, FRAGMENT
  static final int MORE = 0x40; // FRAGMENT
  static final int CLOSE_SESSION = 0x20;

  // reasons of CLOSE
  static final int REASON_GENERIC = 0;
  static final int REASON_UNSUPPORTED = 1;
  static final int REASON_INVALID = 2;
  static final int REASON_MAX_SESSIONS = 3;
  static final int REASON_MAX_LINKS = 4;
  static final int REASON_EXPIRED = 5;
  static final int REASON_TO_SELF = 7;

  // network messages; everything below FIRST_NETWORK is a transport message
  static final int FIRST_NETWORK = 0x19;
  static final int INTEREST = 0x19;
  static final int RESPONSE_FINAL = 0x1A;
  static final int RESPONSE = 0x1B;
  static final int REQUEST = 0x1C;
  static final int PUSH = 0x1D;
  static final int DECLARE = 0x1E;
  static final int OAM = 0x1F;
  static final int NAMED = 0x20;
  static final int SENDER_MAPPING = 0x40;
  static final int DECLARE_INTEREST = 0x20;

  // declarations
  static final int D_KEY = 0;
  static final int U_KEY = 1;
  static final int D_SUBSCRIBER = 2;
  static final int U_SUBSCRIBER = 3;
  static final int D_QUERYABLE = 4;
  static final int U_QUERYABLE = 5;
  static final int D_TOKEN = 6;
  static final int U_TOKEN = 7;
  static final int D_FINAL = 0x1A;

  // interests
  static final int MODE_FINAL = 0;
  static final int MODE_CURRENT = 1;
  static final int MODE_FUTURE = 2;
  static final int ABOUT_KEYS = 0x01;
  static final int ABOUT_SUBSCRIBERS = 0x02;
  static final int ABOUT_QUERYABLES = 0x04;
  static final int ABOUT_TOKENS = 0x08;
  static final int RESTRICTED = 0x10;
  static final int INTEREST_NAMED = 0x20;
  static final int INTEREST_SENDER_MAPPING = 0x40;
  static final int AGGREGATE = 0x80;

  // bodies
  static final int PUT = 1;
  static final int DEL = 2;
  static final int QUERY = 3;
  static final int REPLY = 4;
  static final int ERR = 5;
  static final int BODY_TIMESTAMP = 0x20; // PUT, DEL
  static final int BODY_ENCODING = 0x40; // PUT, ERR
  static final int CONSOLIDATION = 0x20; // QUERY, REPLY
  static final int PARAMETERS = 0x40; // QUERY

  // extensions: more | encoding (2 bits) | mandatory | id (4 bits)
  static final int EXT_MORE = 0x80;
  static final int EXT_ENCODING = 0x60;
  static final int EXT_UNIT = 0x00;
  static final int EXT_Z64 = 0x20;
  static final int EXT_ZBUF = 0x40;
  static final int EXT_MANDATORY = 0x10;
  static final int EXT_ID = 0x0F;

  static final int EXT_QOS = 1; // z64; unit in INIT; mandatory in FRAME and FRAGMENT
  static final int EXT_PATCH = 7; // z64, INIT
  static final int EXT_FIRST = 2; // unit, FRAGMENT
  static final int EXT_DROP = 3; // unit, FRAGMENT
  static final int EXT_TARGET = 4; // z64, mandatory, REQUEST
  static final int EXT_TIMEOUT = 6; // z64 ms, REQUEST
  static final int EXT_SOURCE = 1; // zbuf, PUT, DEL, QUERY, ERR
  static final int EXT_ATTACHMENT = 3; // zbuf, PUT; 2 in DEL; 5 in QUERY
  static final int EXT_DEL_ATTACHMENT = 2;
  static final int EXT_QUERY_BODY = 3;
  static final int EXT_QUERY_ATTACHMENT = 5;
  static final int EXT_QUERYABLE_INFO = 1; // z64: complete | distance << 8
  static final int EXT_KEY = 0x0F; // zbuf, mandatory, undeclarations

  /** QoS byte: priority, then don't drop, express. */
  static final int QOS_PRIORITY = 0x07;

  static final int QOS_BLOCK = 0x08;
  static final int QOS_EXPRESS = 0x10;

  /** Highest to lowest: 0 control, 1 real time, … 5 data, 7 background. */
  static final int PRIORITIES = 8;

  static final int PRIORITY_CONTROL = 0;
  static final int PRIORITY_DATA = 5;

  static final int OAM_LINK_STATE = 1;

  /** Requests of ours that shall reach all complete queryables, all, the best. */
  static final int TARGET_BEST = 0;

  static final int TARGET_ALL = 1;
  static final int TARGET_ALL_COMPLETE = 2;

  private Wire() {}
}
