package dev.stride.daemon.netlink;

/// Ends the reading of one message; does not leave [MessageReader].
final class MalformedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Problem problem;

    MalformedException(Problem problem) {
        super(problem.description(), null, false, false);
        this.problem = problem;
    }

    Problem problem() {
        return problem;
    }
}
