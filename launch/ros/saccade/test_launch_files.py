"""Reads every launch file of this package with ROS's own `launch` (and its XML and YAML front ends), and runs the first of each kind
against a launcher that prints what it was given. Without `launch` each Python file is only compiled. Prints one line a file.

    python3 test_launch_files.py            exit code 0: all are right; 3: `launch` is not installed, so they were only compiled
"""

import ast
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
FILES = sorted((HERE / 'launch').iterdir())


def compile_only():
    for file in FILES:
        if file.suffix == '.py':
            tree = ast.parse(file.read_text(), str(file))
            compile(tree, str(file), 'exec')
            if not any(isinstance(node, ast.FunctionDef) and node.name == 'generate_launch_description' for node in tree.body):
                sys.exit('%s: expected generate_launch_description(), found none' % file)
            print('compiled', file.name)
    sys.exit(3)


def installed(folder):
    """The package as `colcon build` would install it, with a launcher that prints its words."""
    share = folder / 'share' / 'saccade'
    index = folder / 'share' / 'ament_index' / 'resource_index' / 'packages'
    for path in (share, index, folder / 'lib' / 'saccade', folder / 'home'):
        path.mkdir(parents=True)
    (index / 'saccade').write_text('')
    for name in ('launch', 'config', 'rviz', 'package.xml'):
        os.symlink(HERE / name, share / name)
    os.symlink(HERE / 'scripts' / 'saccade', folder / 'lib' / 'saccade' / 'saccade')
    launcher = folder / 'home' / 'saccade'
    launcher.write_text('#!/bin/sh\necho "LAUNCHED $*"\n')
    launcher.chmod(0o755)
    os.environ['AMENT_PREFIX_PATH'] = str(folder) + os.pathsep + os.environ.get('AMENT_PREFIX_PATH', '')
    os.environ['SACCADE_HOME'] = str(folder / 'home')
    os.environ['ROS_LOG_DIR'] = str(folder / 'log')


def run(file):
    script = (
        'import sys\n'
        'from launch import LaunchService\n'
        'from launch.actions import IncludeLaunchDescription\n'
        'from launch import LaunchDescription\n'
        'from launch.launch_description_sources import AnyLaunchDescriptionSource\n'
        'service = LaunchService(argv=[])\n'
        'service.include_launch_description(LaunchDescription([IncludeLaunchDescription(AnyLaunchDescriptionSource(sys.argv[1]),\n'
        '    launch_arguments={"graph": "robot.yaml", "namespace": "robot1", "use_sim_time": "true", "respawn": "false"}.items())]))\n'
        'sys.exit(service.run())\n')
    done = subprocess.run([sys.executable, '-c', script, str(file)], capture_output=True, text=True, timeout=120)
    said = done.stdout + done.stderr
    line = next((line for line in said.splitlines() if 'LAUNCHED' in line), '')
    wanted = ('LAUNCHED run robot.yaml --headless --ros-args', '-r __node:=saccade', '-r __ns:=/robot1', '--params-file')
    missing = [part for part in wanted if part not in line]
    if done.returncode != 0 or missing:
        sys.exit('%s: exit code %d, missing %s in:\n%s' % (file.name, done.returncode, missing, said))
    print('ran', file.name, line[line.index('LAUNCHED') + 9:])


def main():
    try:
        from launch.launch_description_sources import get_launch_description_from_any_launch_file
        import launch_ros  # noqa: F401
    except ImportError as missing:
        print('not installed:', missing)
        compile_only()
    with tempfile.TemporaryDirectory() as folder:
        installed(pathlib.Path(folder))
        for file in FILES:
            description = get_launch_description_from_any_launch_file(str(file))
            print('read', file.name, len(description.entities), 'entities')
        for file in FILES:
            if file.name != 'nav2_gate.launch.py':
                run(file)


main()
