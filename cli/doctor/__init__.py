"""What has to be true before a stack is created: looked at, never changed.

A check is a function of a `Subject` that yields findings. It asks Azure through `answers.Answers`,
which sends nothing but reading requests, and Pulumi through `subject.Pulumi`, which runs nothing
but reading commands. Nothing here knows whether Azure or a simulated one answers.
"""
