"""Judging a stack by the rules of a pack: verdicts, settings, waivers and messages. No protobuf, no gRPC."""
