package dev.portcullis.crd.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/** What goes on as a placeholder. */
public record RedactSpec(
        @Default("false")
        @JsonPropertyDescription(
                "Replace values of these classes in JSON request bodies by placeholders, before they are scanned; where a body is not JSON and has such a value, it is refused. Default false.")
        boolean enabled,

        @Default("[\"email\", \"ipv4\", \"jwt\"]")
        @Size(min = 1, max = 256)
        @JsonPropertyDescription(
                "email, ipv4, ipv6, cidr, mac, hash-md5, hash-sha1, hash-sha256, hash-sha512, credentials for every built-in class of these, single ones of them, and names of patterns. Default email, ipv4 and jwt.")
        List<@Pattern("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$") String> classes) {}
