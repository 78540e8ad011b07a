"""Who means no good: forged requests, foreign ids, spoiled payloads, slow connections."""
