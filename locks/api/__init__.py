"""The interface for other programs: the calls of the seeds' system, so that its official SDKs work unchanged.

`wire` is what all calls share, `shapes` what rows look like from outside, `schemas` what goes in and out; the other
modules are the calls, one for each first word of their paths, and go to the same verbs and queries as the pages.
"""
