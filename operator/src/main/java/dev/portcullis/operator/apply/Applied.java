package dev.portcullis.operator.apply;

/** What became of one object. */
public enum Applied {
    /** It was as it should be; no request was made. */
    UNCHANGED,
    /** It was not there, or was wanted differently before. */
    WRITTEN,
    /** Somebody had changed it, and it was put back. */
    RESTORED
}
