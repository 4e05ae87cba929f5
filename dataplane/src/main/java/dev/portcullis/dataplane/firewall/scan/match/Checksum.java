package dev.portcullis.dataplane.firewall.scan.match;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** What a value of a format carries to tell itself from one that only looks like it. */
public enum Checksum implements Check {
    /** BIP-173: the last six characters, over the part before the last 1 too. In one case throughout. */
    @JsonProperty("bech32")
    BECH32 {
        @Override
        public boolean accepts(byte[] text, int start, int end, int length) {
            var one = end - 1;
            while (one > start && text[one] != '1') {
                one--;
            }
            return Bech32Sum.of(text, start, one, end) == Bech32Sum.PLAIN;
        }
    },
    /** A BIP-32 private key: 78 bytes of a known version, then four of their double SHA-256. */
    @JsonProperty("base58check-private-key")
    BASE58CHECK_PRIVATE_KEY {
        @Override
        public boolean accepts(byte[] text, int start, int end, int length) {
            return Base58Check.isExtendedPrivateKey(text, start, end);
        }
    },
    /** RFC 7519: the first part is base64url of a JSON object that names an algorithm. */
    @JsonProperty("jwt")
    JWT {
        @Override
        public boolean accepts(byte[] text, int start, int end, int length) {
            var dot = start;
            while (dot < end && text[dot] != '.') {
                dot++;
            }
            while (dot > start && text[dot - 1] == '=') {
                dot--;
            }
            try {
                var head = new String(
                        Base64.getUrlDecoder().decode(java.util.Arrays.copyOfRange(text, start, dot)),
                        StandardCharsets.ISO_8859_1);
                return head.startsWith("{") && head.contains("\"alg\"");
            } catch (IllegalArgumentException e) {
                return false;
            }
        }
    },
    /** An ABA routing number: weights 3, 7 and 1 over nine digits, in a range that was ever given out. */
    @JsonProperty("aba")
    ABA {
        @Override
        public boolean accepts(byte[] text, int start, int end, int length) {
            if (end - start != 9) {
                return false;
            }
            var sum = 0;
            var distinct = 0;
            for (var i = 0; i < 9; i++) {
                var digit = text[start + i] - '0';
                if (digit < 0 || digit > 9) {
                    return false;
                }
                distinct |= 1 << digit;
                sum += digit * (i % 3 == 0 ? 3 : i % 3 == 1 ? 7 : 1);
            }
            var bank = (text[start] - '0') * 10 + text[start + 1] - '0';
            var given = bank >= 1 && bank <= 12 || bank >= 21 && bank <= 32 || bank >= 61 && bank <= 72 || bank == 80;
            return given && sum % 10 == 0 && Integer.bitCount(distinct) > 2;
        }
    };
}
