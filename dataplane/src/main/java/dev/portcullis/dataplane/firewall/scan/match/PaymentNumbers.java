package dev.portcullis.dataplane.firewall.scan.match;

/** Payment card numbers, IBANs and social security numbers, found by walking over digits. */
final class PaymentNumbers {
    private static final int FEWEST_CARD_DIGITS = 15;
    private static final int MOST_CARD_DIGITS = 19;

    /** Longest IBAN written in groups of four. */
    private static final int LONGEST_IBAN = 34 + 8;

    private PaymentNumbers() {}

    /** False where the digits {@code [start, end)} are too few for a card number and nothing follows that goes on with it. */
    static boolean mayBeCard(byte[] text, int start, int end, int length) {
        return end - start >= FEWEST_CARD_DIGITS
                || (end + 1 < length && (text[end] == ' ' || text[end] == '-') && digit(text[end + 1]));
    }

    /** False where nothing stands before the digits at {@code start} that an IBAN could begin with. */
    static boolean mayEndIban(byte[] text, int start) {
        return start > 0
                && (upper(text[start - 1]) || (start > 1 && text[start - 1] == ' ' && upperOrDigit(text[start - 2])));
    }

    /** Where the valid card number that starts at {@code start} ends, single spaces or dashes between its digits; or -1. */
    static int cardAt(byte[] text, int start, int length) {
        if (!Sweep.boundary(text, start) || fraction(text, start)) {
            return -1;
        }
        var digits = new int[MOST_CARD_DIGITS];
        var count = 0;
        var i = start;
        while (i < length && count < MOST_CARD_DIGITS) {
            var b = text[i];
            if (digit(b)) {
                digits[count++] = b - '0';
                i++;
                var ends = i >= length || !digit(text[i]);
                if (ends
                        && count >= FEWEST_CARD_DIGITS
                        && !(i < length && ByteSet.TOKEN.has(text[i]) && text[i] != '-')) {
                    if (issuer(digits, count) && luhn(digits, count)) {
                        return i;
                    }
                }
            } else if ((b == ' ' || b == '-') && i + 1 < length && digit(text[i + 1])) {
                i++;
            } else {
                return -1;
            }
        }
        return -1;
    }

    /** True behind a decimal point: of the sixteen digits of any number in an embedding, one in thirty would be a card's. */
    private static boolean fraction(byte[] text, int start) {
        return start > 1 && text[start - 1] == '.' && digit(text[start - 2]);
    }

    private static boolean issuer(int[] d, int count) {
        var two = d[0] * 10 + d[1];
        var four = two * 100 + d[2] * 10 + d[3];
        return switch (count) {
            case 15 -> two == 34 || two == 37;
            case 16 ->
                d[0] == 4
                        || (two >= 51 && two <= 55)
                        || (four >= 2221 && four <= 2720)
                        || four == 6011
                        || (four >= 6440 && four <= 6599)
                        || (four >= 3528 && four <= 3589)
                        || two == 62;
            case 19 -> d[0] == 4 || four == 6011 || two == 65 || two == 62;
            default -> false;
        };
    }

    static boolean luhn(int[] digits, int count) {
        var sum = 0;
        var distinct = 0;
        for (var i = 0; i < count; i++) {
            var d = digits[count - 1 - i];
            distinct |= 1 << d;
            sum += (i & 1) == 0 ? d : d < 5 ? 2 * d : 2 * d - 9;
        }
        return sum % 10 == 0 && Integer.bitCount(distinct) > 1;
    }

    /** True where {@code ddd-dd-dddd} starts at {@code start} and is a number that was ever issued. */
    static boolean socialSecurityAt(byte[] text, int start, int length) {
        if (start < 0 || start + 11 > length || !Sweep.boundary(text, start)) {
            return false;
        }
        for (var i = 0; i < 11; i++) {
            var b = text[start + i];
            if (i == 3 || i == 6 ? b != '-' : !digit(b)) {
                return false;
            }
        }
        if (start + 11 < length && ByteSet.TOKEN.has(text[start + 11])) {
            return false;
        }
        var area = (text[start] - '0') * 100 + (text[start + 1] - '0') * 10 + text[start + 2] - '0';
        var group = (text[start + 4] - '0') * 10 + text[start + 5] - '0';
        var serial = 0;
        for (var i = 7; i < 11; i++) {
            serial = serial * 10 + text[start + i] - '0';
        }
        return area != 0 && area != 666 && area < 900 && group != 0 && serial != 0;
    }

    /**
     * Where the IBAN that holds the digits at {@code digits} starts, or -1. Groups may be parted by single spaces.
     */
    static int ibanAround(byte[] text, int digits, int length) {
        var lowest = Math.max(0, digits - LONGEST_IBAN);
        var start = digits;
        while (true) {
            while (start > lowest && upperOrDigit(text[start - 1])) {
                start--;
            }
            if (ibanAt(text, start, length) >= 0) {
                return start;
            }
            if (start - 2 < lowest || text[start - 1] != ' ' || !upperOrDigit(text[start - 2])) {
                return -1;
            }
            start--;
        }
    }

    /** Where the valid IBAN that starts at {@code start} ends, or -1. */
    static int ibanAt(byte[] text, int start, int length) {
        if (start + 15 > length || !Sweep.boundary(text, start)) {
            return -1;
        }
        if (!upper(text[start]) || !upper(text[start + 1]) || !digit(text[start + 2]) || !digit(text[start + 3])) {
            return -1;
        }
        var expected = IbanLengths.of(text[start], text[start + 1]);
        if (expected == 0) {
            return -1;
        }
        // Country and check digits belong to the end of the number whose remainder by 97 must be 1.
        var remainder = 0;
        var taken = 0;
        var i = start;
        while (taken < expected) {
            if (i >= length) {
                return -1;
            }
            var b = text[i++];
            if (b == ' ' && taken > 0 && taken % 4 == 0) {
                continue;
            }
            if (!upperOrDigit(b)) {
                return -1;
            }
            if (taken++ >= 4) {
                remainder = append(remainder, b);
            }
        }
        if (i < length && ByteSet.TOKEN.has(text[i])) {
            return -1;
        }
        for (var k = 0; k < 4; k++) {
            remainder = append(remainder, text[start + k]);
        }
        return remainder == 1 ? i : -1;
    }

    private static int append(int remainder, byte b) {
        return digit(b) ? (remainder * 10 + b - '0') % 97 : (remainder * 100 + b - 'A' + 10) % 97;
    }

    static boolean digit(byte b) {
        return b >= '0' && b <= '9';
    }

    private static boolean upper(byte b) {
        return b >= 'A' && b <= 'Z';
    }

    private static boolean upperOrDigit(byte b) {
        return digit(b) || upper(b);
    }
}
