"""Python processes that start with everything imported.

Every command of the engine starts three Python processes: the program and two providers. They
spend most of their time on imports: the Azure SDK alone takes seconds. Here, a server process
imports everything once and forks for each of them. The engine starts a small client instead of
Python. The client passes its arguments, environment, directory and standard streams to the server,
waits, and ends as the forked process ends.

The server also fills the caches that each process would fill for itself (`caches.py`), and the
secrets provider of the stacks takes no time (`vault.py`).

Users have cold starts. So have the commands of the README in tests/engine/test_pages.py; all other
tests of the engine are warm. The commands of all pages encrypt with a passphrase, as users do who
deploy to the simulated Azure.
"""
