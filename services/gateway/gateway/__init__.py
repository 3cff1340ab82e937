"""The one door from outside: REST, sign-in, files and live changes over the district's gRPC services."""
