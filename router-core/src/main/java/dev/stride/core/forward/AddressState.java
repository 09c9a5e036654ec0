package dev.stride.core.forward;

/// What is known of the uniqueness of one of the router's addresses on its link (RFC 4862 section
/// 5.4, RFC 5227 section 2.1).
public enum AddressState {
    /// Asked for on the link; not used yet.
    TENTATIVE,
    /// Used.
    VALID,
    /// Somebody else has it; not used.
    DUPLICATE
}
