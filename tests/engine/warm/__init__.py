"""Python processes that start with everything imported.

Every command of the engine starts three Python processes: the program and two providers. They
spend most of their time on imports: the Azure SDK alone takes seconds. Here, a server process
imports everything once and forks for each of them. The engine starts a small client instead of
Python. The client passes its arguments, environment, directory and standard streams to the server,
waits, and ends as the forked process ends.

Users have cold starts. So have the commands of the README in tests/engine/test_pages.py; all other
tests of the engine are warm.
"""
