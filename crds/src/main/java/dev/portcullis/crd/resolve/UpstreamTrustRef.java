package dev.portcullis.crd.resolve;

import com.fasterxml.jackson.databind.JsonNode;
import dev.portcullis.crd.ca.CertificateAuthority;
import dev.portcullis.crd.resolve.ResourceSet.SecretKey;
import java.security.cert.CertificateException;
import java.util.Map;

/** The ConfigMap that {@code spec.tlsInterception.upstreamTrust} refers to. */
final class UpstreamTrustRef {
    private static final String PATH = "spec.tlsInterception.upstreamTrust.configMapRef";

    private UpstreamTrustRef() {}

    /** Its certificates as PEM; empty where none are referred to, or where a problem was added instead. */
    static String read(JsonNode spec, String namespace, Map<SecretKey, String> configMaps, Problems problems) {
        var ref = spec.at("/tlsInterception/upstreamTrust/configMapRef");
        if (ref.isMissingNode()) {
            return "";
        }
        var name = ref.path("name").asText();
        var key = ref.path("key").asText();
        var pem = configMaps.get(new SecretKey(namespace, name, key));
        if (pem == null) {
            problems.add(
                    PATH,
                    ProblemReason.ConfigMapNotFound,
                    "there is no ConfigMap '" + name + "' in namespace " + namespace + " with the key '" + key
                            + "': create it with certificates as PEM");
            return "";
        }
        try {
            var unused = CertificateAuthority.certificates(pem);
            return pem;
        } catch (CertificateException e) {
            problems.add(
                    PATH,
                    ProblemReason.ConfigMapNotFound,
                    "key '" + key + "' of ConfigMap '" + name + "': " + e.getMessage());
            return "";
        }
    }
}
