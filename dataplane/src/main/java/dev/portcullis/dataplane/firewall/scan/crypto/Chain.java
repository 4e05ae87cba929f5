package dev.portcullis.dataplane.firewall.scan.crypto;

import java.util.Locale;

/** The chains whose addresses are known: values of {@code spec.addresses.chains} and of the label {@code chain}. */
public enum Chain {
    /** {@code 0x} and 40 hex digits with EIP-55 case. */
    ETH("eth", 40, 42) {
        @Override
        public boolean valid(String text) {
            return Eip55.isAddress(text);
        }

        @Override
        boolean shaped(String text) {
            return text.length() == 42 && text.charAt(0) == '0' && (text.charAt(1) | 0x20) == 'x' && hex(text, 2);
        }

        @Override
        int prefix(String text) {
            return 2;
        }
    },
    /** Base58Check of versions 0 and 5, Bech32 and Bech32m with the prefix {@code bc}. */
    BTC("btc", 25, 90) {
        @Override
        public boolean valid(String text) {
            if (bech32(text)) {
                return Bech32.isWitness(text, "bc");
            }
            var version = Base58Address.version(text);
            return version == 0 || version == 5;
        }

        @Override
        boolean shaped(String text) {
            return bech32(text) || (text.length() <= 35 && (text.charAt(0) == '1' || text.charAt(0) == '3'));
        }

        @Override
        int prefix(String text) {
            return bech32(text) ? 4 : 1;
        }

        private static boolean bech32(String text) {
            return text.regionMatches(true, 0, "bc1", 0, 3);
        }
    },
    /** Base58 of 32 bytes. */
    SOL("sol", 32, 44) {
        @Override
        public boolean valid(String text) {
            var bytes = text.length() > 44 ? null : Base58Address.decode(text);
            return bytes != null && bytes.length == 32;
        }

        @Override
        boolean shaped(String text) {
            return text.length() >= 32 && text.length() <= 44 && text.charAt(1) != 'x';
        }

        @Override
        int prefix(String text) {
            return 0;
        }
    },
    /** Bech32 with the prefix {@code bnb}, or the form of Ethereum. */
    BNB("bnb", 40, 46) {
        @Override
        public boolean valid(String text) {
            return Eip55.isAddress(text) || Bech32.isAccount(text, "bnb");
        }

        @Override
        boolean shaped(String text) {
            return ETH.shaped(text) || text.regionMatches(true, 0, "bnb1", 0, 4);
        }

        @Override
        int prefix(String text) {
            return text.charAt(0) == '0' ? 2 : 4;
        }
    };

    private final String label;
    private final int shortest;
    private final int longest;

    Chain(String label, int shortest, int longest) {
        this.label = label;
        this.shortest = shortest;
        this.longest = longest;
    }

    /** The chain of this name. @throws IllegalArgumentException where there is none */
    public static Chain of(String label) {
        return valueOf(label.toUpperCase(Locale.ROOT));
    }

    /** The name as policies and metrics write it. */
    public String label() {
        return label;
    }

    /** True where {@code text} is an address of the chain and its checksum is right. */
    public abstract boolean valid(String text);

    /** True where {@code text} has the form of an address, whatever its checksum. */
    abstract boolean shaped(String text);

    /** Characters that every address of this form begins with. */
    abstract int prefix(String text);

    /** True where an address can have this many characters. */
    boolean length(int characters) {
        return characters >= shortest && characters <= longest;
    }

    /** {@code text} as addresses are compared. */
    String canonical(String text) {
        return this == ETH || this == BNB || (this == BTC && text.regionMatches(true, 0, "bc1", 0, 3))
                ? text.toLowerCase(Locale.ROOT)
                : text;
    }

    private static boolean hex(String text, int from) {
        for (var i = from; i < text.length(); i++) {
            if (Character.digit(text.charAt(i), 16) < 0) {
                return false;
            }
        }
        return true;
    }
}
