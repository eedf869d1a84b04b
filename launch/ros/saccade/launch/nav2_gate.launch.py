"""Perception whose Nav2 bridge gates the robot's twists; include it beside nav2_bringup and remap Nav2's output:

    SetRemap('cmd_vel', 'cmd_vel_nav') around nav2_bringup's navigation_launch.py

The bridge then publishes cmd_vel, speed_limit and collision_monitor_state.
"""

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.substitutions import FindPackageShare


def generate_launch_description():
    return LaunchDescription([
        DeclareLaunchArgument('graph', description='Graph file with a bridge of type nav2'),
        DeclareLaunchArgument('namespace', default_value='', description='Namespace of the robot'),
        DeclareLaunchArgument('use_sim_time', default_value='false', description='Time from /clock'),
        IncludeLaunchDescription(
            PythonLaunchDescriptionSource(
                PathJoinSubstitution([FindPackageShare('saccade'), 'launch', 'perception.launch.py'])),
            launch_arguments={
                'graph': LaunchConfiguration('graph'),
                'namespace': LaunchConfiguration('namespace'),
                'use_sim_time': LaunchConfiguration('use_sim_time'),
            }.items()),
    ])
