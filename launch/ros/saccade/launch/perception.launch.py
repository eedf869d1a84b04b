"""Starts the perception node of a graph file, and rviz if wanted.

    ros2 launch saccade perception.launch.py graph:=/etc/saccade/robot.yaml namespace:=robot1 use_sim_time:=true

Show the arguments: ros2 launch saccade perception.launch.py --show-args
"""

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument
from launch.conditions import IfCondition
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue
from launch_ros.substitutions import FindPackageShare


def generate_launch_description():
    share = FindPackageShare('saccade')
    arguments = [
        DeclareLaunchArgument('graph', description='Graph file: sensors, model, budget, bridges'),
        DeclareLaunchArgument('name', default_value='saccade', description='Name of the node'),
        DeclareLaunchArgument('namespace', default_value='', description='Namespace of the node'),
        DeclareLaunchArgument(
            'params_file',
            default_value=PathJoinSubstitution([share, 'config', 'saccade.params.yaml']),
            description='Parameter file'),
        DeclareLaunchArgument(
            'use_sim_time', default_value='false', choices=['true', 'false'], description='Time from /clock'),
        DeclareLaunchArgument(
            'respawn', default_value='true', choices=['true', 'false'], description='Start again after a crash'),
        DeclareLaunchArgument('rviz', default_value='false', choices=['true', 'false'], description='Start rviz, too'),
    ]
    perception = Node(
        package='saccade',
        executable='saccade',
        name=LaunchConfiguration('name'),
        namespace=LaunchConfiguration('namespace'),
        arguments=['run', LaunchConfiguration('graph'), '--headless'],
        parameters=[
            LaunchConfiguration('params_file'),
            {'use_sim_time': ParameterValue(LaunchConfiguration('use_sim_time'), value_type=bool)},
        ],
        respawn=LaunchConfiguration('respawn'),
        respawn_delay=2.0,
        output='screen',
        emulate_tty=True,
    )
    rviz = Node(
        package='rviz2',
        executable='rviz2',
        name='rviz_saccade',
        arguments=['-d', PathJoinSubstitution([share, 'rviz', 'saccade.rviz'])],
        parameters=[{'use_sim_time': ParameterValue(LaunchConfiguration('use_sim_time'), value_type=bool)}],
        condition=IfCondition(LaunchConfiguration('rviz')),
    )
    return LaunchDescription(arguments + [perception, rviz])
