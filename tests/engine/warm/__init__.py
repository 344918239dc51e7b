"""Python processes that begin with everything imported.

Every command of the engine starts three Python processes: the program and two providers. They
spend most of their time on imports: the Azure SDK alone takes seconds. Here a server process
imports all of it once and forks for each of them. A client stands where the engine starts Python;
it hands its arguments, environment, directory and standard streams to the server, waits, and ends
as the forked process ends.

Users have cold starts. So have the tests with the mark `cold`: those of both stacks' life cycle, of
the component package, of kills and of faults; and those of the commands on the pages.
"""
