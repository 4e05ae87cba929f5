package dev.portcullis.dataplane.firewall.scan.url;

import java.util.Locale;
import java.util.Set;

/**
 * Places in URLs where services put identifiers of their own: click and campaign identifiers, cursors, the parameters of
 * sign-in and of signed URLs, documents, fonts. What an agent puts there is still searched for secrets.
 */
final class KnownPlaces {
    private static final int LONGEST = 1024;

    private static final Set<String> PARAMETERS = Set.of(
            // Clicks, campaigns and visitors.
            "gclid",
            "gclsrc",
            "gbraid",
            "wbraid",
            "dclid",
            "fbclid",
            "msclkid",
            "twclid",
            "ttclid",
            "li_fat_id",
            "yclid",
            "ymclid",
            "igshid",
            "igsh",
            "mc_cid",
            "mc_eid",
            "_hsenc",
            "_hsmi",
            "__hstc",
            "__hssc",
            "_ga",
            "_gl",
            "_kx",
            "mkt_tok",
            "vero_id",
            "wickedid",
            "oly_enc_id",
            "s_kwcid",
            "ved",
            "ei",
            "sca_esv",
            "gs_lcrp",
            "gs_lp",
            "sxsrf",
            "usg",
            "irclickid",
            "epik",
            "rdid",
            "cid",
            "sid",
            // Pages of results.
            "cursor",
            "after",
            "before",
            "page_token",
            "pagetoken",
            "nextpagetoken",
            "next_page_token",
            "next_token",
            "nexttoken",
            "continuation",
            "continuation-token",
            "continuationtoken",
            "starting_after",
            "scroll_id",
            "marker",
            "start_cursor",
            "$skiptoken",
            "list",
            // Sign-in (RFC 6749, RFC 7636, OpenID Connect, SAML).
            "state",
            "nonce",
            "code",
            "code_challenge",
            "session_state",
            "login_hint_token",
            "samlrequest",
            "relaystate",
            // Signed URLs and caches.
            "x-amz-signature",
            "x-amz-security-token",
            "x-goog-signature",
            "signature",
            "key-pair-id",
            "policy",
            "sig",
            "se",
            "hmac",
            "etag",
            "integrity",
            "hash",
            "v",
            "ver",
            "cb");

    private KnownPlaces() {}

    /** True where services put identifiers into the query parameter {@code name}. */
    static boolean parameter(String name, int valueLength) {
        return valueLength <= LONGEST && PARAMETERS.contains(name.toLowerCase(Locale.ROOT));
    }

    /** True where the path segment after {@code before}, at a host, is an identifier that its service gave out. */
    static boolean segment(String host, String before, String segment) {
        if (segment.endsWith(".woff2") || segment.endsWith(".woff") || segment.endsWith(".ttf")) {
            return true;
        }
        return switch (before) {
            case "d", "folders", "spreadsheets", "documents" ->
                (host.endsWith(".google.com") || host.endsWith(".googleapis.com")) && segment.length() <= 64;
            // A GET of OCSP carries its question in the path (RFC 6960 appendix A.1).
            case "" -> host.startsWith("ocsp.");
            default -> false;
        };
    }
}
