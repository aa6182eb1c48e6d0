"""Kill points: SIGKILL at every executed line of the project, and between every provider effect and its answer.

    python -m tests.kill --points 20000                                    many points, on all cores
    python -m tests.kill --scenario extend --point locks/codes.py:97#1     one of them again

A point is a line and how often it was reached (`locks/codes.py:97#1`: killed before it runs for the first time), or a
write at the lock or a letter to the mail server (`effect#2`: killed when the second one is done and its answer is on
the wire). For each point a small hotel is put back as it was, a process does what the scenario says and then works
like the worker, and dies there. Another worker takes over, the clerk who got no answer does it again, and when
nothing is due any more the simulator's truth and log must be what they are without a kill: nothing lost, nothing
twice. What guests were sent went out once, unless the message says that it may have been twice, and a door that was
opened from afar opened once or not.
"""
