"""Webhooks out: other programs are told of events as they happen.

Events are gathered from their table (`gathering`) into deliveries, which are sent (`sending`, `calls`) until the other
side has said yes, at least once each and in no promised order; what it said is kept.
"""
