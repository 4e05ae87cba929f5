package dev.portcullis.dataplane.firewall.scan.match;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/** The forms in which a known value may leave: plain, as a JSON string, in hex, in base64 at every alignment. */
public final class KnownForms {
    private KnownForms() {}

    /** One rule for each form of {@code value}. Percent encoding is resolved before matching and needs none. */
    public static List<Rule> rules(String name, byte[] value) {
        var rules = new ArrayList<Rule>();
        rules.add(rule(name, value, false, ""));
        var json = json(value);
        if (!Arrays.equals(json, value)) {
            rules.add(rule(name, json, false, "json"));
        }
        rules.add(rule(name, ascii(HexFormat.of().formatHex(value)), true, "hex"));
        for (var alignment = 0; alignment < 3; alignment++) {
            var standard = base64(value, alignment);
            rules.add(rule(name, ascii(standard), false, "base64"));
            var urlSafe = standard.replace('+', '-').replace('/', '_');
            if (!urlSafe.equals(standard)) {
                rules.add(rule(name, ascii(urlSafe), false, "base64"));
            }
        }
        return rules;
    }

    private static Rule rule(String name, byte[] form, boolean folded, String encoding) {
        var literal = Arrays.copyOf(form, Math.min(form.length, ExactValue.LITERAL));
        return new Rule(
                name, Severity.critical, false, List.of(literal), folded, new ExactValue(form, folded), encoding);
    }

    /** The characters of base64 that depend on {@code value} alone when {@code alignment} bytes stand before it. */
    private static String base64(byte[] value, int alignment) {
        var shifted = new byte[alignment + value.length];
        System.arraycopy(value, 0, shifted, alignment, value.length);
        var text = Base64.getEncoder().withoutPadding().encodeToString(shifted);
        return text.substring((alignment * 8 + 5) / 6, shifted.length * 8 / 6);
    }

    private static byte[] json(byte[] value) {
        var out = new ByteArrayOutputStream();
        for (var b : value) {
            switch (b) {
                case '"', '\\' -> {
                    out.write('\\');
                    out.write(b);
                }
                case '\n' -> out.writeBytes(ascii("\\n"));
                case '\r' -> out.writeBytes(ascii("\\r"));
                case '\t' -> out.writeBytes(ascii("\\t"));
                default -> out.write(b);
            }
        }
        return out.toByteArray();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
