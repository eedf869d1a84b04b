"""The rclpy side of VerbsInteropTest: a node with topics, a service and parameters. Runs until it is killed."""

import sys

import rclpy
import yaml
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rcl_interfaces.msg import SetParametersResult
from sensor_msgs.msg import Imu
from std_msgs.msg import String
from std_srvs.srv import SetBool


def tree(value):
    """What the ROS tools make of a message before they dump it."""
    if isinstance(value, bytes):
        return ''.join(chr(c) for c in value)
    if hasattr(value, 'get_fields_and_field_types'):
        return {name: tree(getattr(value, name)) for name in value.get_fields_and_field_types()}
    if hasattr(value, 'tolist'):
        return value.tolist()
    if isinstance(value, (list, tuple)):
        return [tree(each) for each in value]
    return value


def text(message):
    return yaml.dump(tree(message), allow_unicode=True, sort_keys=False, width=sys.maxsize)


rclpy.init()
node = rclpy.create_node('rclpy_node', namespace='/robot')
node.declare_parameter('gain', 1.5)


def on_set(parameters):
    for each in parameters:
        if each.name == 'gain' and not isinstance(each.value, float):
            return SetParametersResult(successful=False, reason='gain is a number')
        print(each.name, each.value, flush=True)
    return SetParametersResult(successful=True)


def serve(request, response):
    response.success = request.data
    response.message = 'set'
    return response


node.add_on_set_parameters_callback(on_set)
node.create_service(SetBool, 'set', serve)
node.create_subscription(String, 'in', lambda m: print('heard', m.data, flush=True), 10)

imu = Imu()
imu.header.stamp.sec = 12
imu.header.frame_id = 'imu_link'
imu.angular_velocity.x = 1e-7
imu.linear_acceleration.z = 9.80665
imu.orientation_covariance[0] = -1.0
status = DiagnosticStatus(level=DiagnosticStatus.WARN, name='a: b', message="it's #1", hardware_id='')
status.values = [KeyValue(key='x', value='1.0'), KeyValue(key='two\nlines', value='no')]
array = DiagnosticArray(status=[status, DiagnosticStatus()])
print('imu ' + text(imu).replace('\n', '\\n'), flush=True)
print('diagnostics ' + text(array).replace('\n', '\\n'), flush=True)
imus = node.create_publisher(Imu, 'imu', 10)
arrays = node.create_publisher(DiagnosticArray, 'diagnostics', 10)
node.create_timer(0.05, lambda: (imus.publish(imu), arrays.publish(array)))
print('up', flush=True)
rclpy.spin(node)
