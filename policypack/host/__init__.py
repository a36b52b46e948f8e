"""The pack as the engine talks to it: everything that speaks gRPC and protobuf."""
