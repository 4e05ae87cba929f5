package dev.portcullis.dataplane.firewall.scan.view;

/** Takes the values out of a text's syntax, so that a secret that was cut up over several of them is whole again. */
public enum ValueReader {
    /** Strings that are no member names, in JSON or several JSON texts in a row (RFC 8259). Broken JSON is read as far as it goes. */
    JSON {
        @Override
        public boolean read(byte[] in, int from, int end, int length, boolean inside, Fragments out) {
            var insideAtEnd = inside;
            var i = from;
            if (inside) {
                var close = close(in, i, length);
                out.addValue(in, i, close);
                i = close + 1;
                insideAtEnd = close >= end;
            }
            while (i < length) {
                if (in[i] != '"') {
                    i++;
                    continue;
                }
                var start = i + 1;
                var close = close(in, start, length);
                if (i < end) {
                    insideAtEnd = close >= end;
                }
                i = close + 1;
                if (!colonAt(in, i, length)) {
                    out.addValue(in, start, close);
                }
            }
            return insideAtEnd;
        }

        private static int close(byte[] in, int from, int length) {
            var i = from;
            while (i < length) {
                if (i + Long.BYTES <= length) {
                    var lanes = Lanes.of(in, i);
                    var marks = Lanes.equal(lanes, '"') | Lanes.equal(lanes, '\\');
                    if (marks == 0) {
                        i += Long.BYTES;
                        continue;
                    }
                    i += Lanes.first(marks);
                }
                if (in[i] == '"') {
                    return i;
                }
                i += in[i] == '\\' ? 2 : 1;
            }
            return length;
        }

        private static boolean colonAt(byte[] in, int from, int length) {
            var i = from;
            while (i < length && i - from < 8 && in[i] <= ' ' && in[i] >= 0) {
                i++;
            }
            return i < length && in[i] == ':';
        }
    },

    /** Lines, of long ones the first and the last word. */
    LINES {
        @Override
        public boolean read(byte[] in, int from, int end, int length, boolean inside, Fragments out) {
            var start = from;
            for (var i = from; i <= length; i++) {
                if (i == length || in[i] == '\n' || in[i] == '\r') {
                    out.addValue(in, start, i);
                    start = i + 1;
                }
            }
            return false;
        }
    },

    /** Values of {@code name=value} pairs parted by ampersands or semicolons: queries, forms, cookies. */
    PAIRS {
        @Override
        public boolean read(byte[] in, int from, int end, int length, boolean inside, Fragments out) {
            var value = inside;
            var insideAtEnd = inside;
            var start = from;
            for (var i = from; i <= length; i++) {
                if (i == end) {
                    insideAtEnd = value;
                }
                var b = i < length ? in[i] : (byte) '&';
                if (b == '&' || b == ';') {
                    if (value) {
                        out.addValue(in, start, i);
                    }
                    value = false;
                } else if (b == '=' && !value) {
                    value = true;
                    start = i + 1;
                }
            }
            return insideAtEnd;
        }
    };

    /**
     * Appends the values in {@code in[from, length)} to {@code out}.
     *
     * @param end where the next call will start
     * @param inside true where {@code from} is inside a value
     * @return true where {@code end} is inside a value
     */
    public abstract boolean read(byte[] in, int from, int end, int length, boolean inside, Fragments out);
}
