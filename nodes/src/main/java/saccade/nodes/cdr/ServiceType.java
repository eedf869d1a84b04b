package saccade.nodes.cdr;

/**
 * What the wire knows a service by. Each generated service holds its own as {@code TYPE}.
 *
 * @param <Q> the request's record
 * @param <R> the response's record
 */
public interface ServiceType<Q, R> {
  /** For example {@code std_srvs/srv/SetBool}. */
  String rosName();

  /** For example {@code std_srvs::srv::dds_::SetBool_}. */
  String ddsName();

  /** Of the service as a whole: request, response and event. */
  String typeHash();

  MessageType<Q> request();

  MessageType<R> response();
}
