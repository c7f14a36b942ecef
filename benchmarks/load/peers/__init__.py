"""Other products that do the same work on the same machine, see benchmarks/README.md."""
