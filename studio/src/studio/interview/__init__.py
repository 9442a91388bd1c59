"""The interview that turns an idea into a plan: questions, answers, a review, a tree of work."""
