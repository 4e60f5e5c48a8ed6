"""What is known: YAML to validated entities, to DataFrames, filters, comparisons, exports."""
