"""REST over gRPC, compiled from the contracts: routes, JSON in, JSON out, calls."""
