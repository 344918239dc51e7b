"""The path of a request from the Internet to an application, step by step.

The matrix says who may connect to whom. This says whether a browser gets an answer: the name, the
public address, the listener with its certificate, the firewall, the health probes, the pods, the
response, and the client's address. `follow` goes through `STEPS` and stops at the step that breaks.
"""

from analysis.reachability.request_path.follow import STEPS, follow, text
from analysis.reachability.request_path.request import Outcome, Request, Step, requests

__all__ = ["STEPS", "Outcome", "Request", "Step", "follow", "requests", "text"]
