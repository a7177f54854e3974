"""Pure: records and trace in; figures, demands, verdict, diagnosis, blame and advice out."""
