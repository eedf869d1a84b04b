package saccade.nodes.node;

import saccade.nodes.ros.MessageInfo;

/**
 * Takes the decoded messages of a subscription. Called on the transport's receive thread (within a
 * process, on the publishing one), must be short.
 *
 * @param <T> the message's record
 */
@FunctionalInterface
public interface MessageListener<T> {

  /**
   * One message. What is thrown is counted and reported as lost; the subscription goes on.
   *
   * @param info reused for the next message
   */
  void onMessage(T message, MessageInfo info);
}
