package saccade.nodes.idl;

import static saccade.nodes.idl.FieldType.Base.BOOL;
import static saccade.nodes.idl.FieldType.Base.INT8;

import java.util.List;
import saccade.nodes.idl.Structure.Field;

/** What one definition file holds, with all that ROS derives from it. */
public sealed interface Definition {
  /** {@code package/kind/Name}. */
  String name();

  /** Every structure of the file, derived ones included. */
  List<Structure> structures();

  /** A {@code .msg} file. */
  record Message(Structure structure) implements Definition {
    @Override
    public String name() {
      return structure.name();
    }

    @Override
    public List<Structure> structures() {
      return List.of(structure);
    }
  }

  /** A {@code .srv} file. The service's own structure is what its hash is made of. */
  record Service(Structure self, Structure request, Structure response, Structure event)
      implements Definition {

    static Service of(String name, Structure request, Structure response) {
      Structure event =
          new Structure(
              name + "_Event",
              List.of(
                  nested("info", "service_msgs/msg/ServiceEventInfo"),
                  new Field("request", FieldType.sequence(request.name(), 1), ""),
                  new Field("response", FieldType.sequence(response.name(), 1), "")),
              List.of());
      Structure self =
          new Structure(
              name,
              List.of(
                  nested("request_message", request.name()),
                  nested("response_message", response.name()),
                  nested("event_message", event.name())),
              List.of());
      return new Service(self, request, response, event);
    }

    @Override
    public String name() {
      return self.name();
    }

    @Override
    public List<Structure> structures() {
      return List.of(self, request, response, event);
    }
  }

  /** A {@code .action} file: two services and a feedback topic. */
  record Action(
      Structure self,
      Structure goal,
      Structure result,
      Structure feedback,
      Service sendGoal,
      Service getResult,
      Structure feedbackMessage)
      implements Definition {

    static Action of(String name, Structure goal, Structure result, Structure feedback) {
      Field goalId = nested("goal_id", "unique_identifier_msgs/msg/UUID");
      Service sendGoal =
          Service.of(
              name + "_SendGoal",
              structure(name + "_SendGoal_Request", goalId, nested("goal", goal.name())),
              structure(
                  name + "_SendGoal_Response",
                  new Field("accepted", FieldType.single(BOOL), ""),
                  nested("stamp", "builtin_interfaces/msg/Time")));
      Service getResult =
          Service.of(
              name + "_GetResult",
              structure(name + "_GetResult_Request", goalId),
              structure(
                  name + "_GetResult_Response",
                  new Field("status", FieldType.single(INT8), ""),
                  nested("result", result.name())));
      Structure feedbackMessage =
          structure(name + "_FeedbackMessage", goalId, nested("feedback", feedback.name()));
      Structure self =
          structure(
              name,
              nested("goal", goal.name()),
              nested("result", result.name()),
              nested("feedback", feedback.name()),
              nested("send_goal_service", sendGoal.name()),
              nested("get_result_service", getResult.name()),
              nested("feedback_message", feedbackMessage.name()));
      return new Action(self, goal, result, feedback, sendGoal, getResult, feedbackMessage);
    }

    @Override
    public String name() {
      return self.name();
    }

    @Override
    public List<Structure> structures() {
      return List.of(
          self,
          goal,
          result,
          feedback,
          sendGoal.self(),
          sendGoal.request(),
          sendGoal.response(),
          sendGoal.event(),
          getResult.self(),
          getResult.request(),
          getResult.response(),
          getResult.event(),
          feedbackMessage);
    }
  }

  private static Structure structure(String name, Field... fields) {
    return new Structure(name, List.of(fields), List.of());
  }

  private static Field nested(String name, String type) {
    return new Field(name, FieldType.nested(type), "");
  }
}
