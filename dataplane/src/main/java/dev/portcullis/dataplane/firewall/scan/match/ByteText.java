package dev.portcullis.dataplane.firewall.scan.match;

import java.nio.charset.StandardCharsets;

/**
 * Bytes as text for a regular expression, one char a byte (ISO 8859-1). Each char read is paid from the budget, which
 * bounds the steps of a backtracking expression. Not thread-safe.
 */
final class ByteText implements CharSequence {
    private final WorkBudget budget;
    private final int price;
    private byte[] bytes = new byte[0];
    private int length;
    private int furthest;

    /**
     * A text whose chars are paid from {@code budget}.
     *
     * @param price units that each char read costs
     */
    ByteText(WorkBudget budget, int price) {
        this.budget = budget;
        this.price = price;
    }

    ByteText on(byte[] newBytes, int newLength) {
        bytes = newBytes;
        length = newLength;
        furthest = -1;
        return this;
    }

    /** Index of the last char that was read since {@link #forgetReads}; -1 for none. */
    int furthest() {
        return furthest;
    }

    /** Begins to watch anew how far is read. */
    void forgetReads() {
        furthest = -1;
    }

    @Override
    public char charAt(int index) {
        budget.pay(price);
        furthest = Math.max(furthest, index);
        return (char) (bytes[index] & 0xff);
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public CharSequence subSequence(int start, int end) {
        return new String(bytes, start, end - start, StandardCharsets.ISO_8859_1);
    }

    @Override
    public String toString() {
        return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
    }
}
