"""Work teams with party members in them, and duties: who leads, who carries out, who supervises."""
