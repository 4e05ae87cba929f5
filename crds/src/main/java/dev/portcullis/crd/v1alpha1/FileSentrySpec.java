package dev.portcullis.crd.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/** Files that agents write, looked through for secrets. */
public record FileSentrySpec(
        @Default("[]")
        @Size(max = 16)
        @ValidationRule(
                value =
                        "self.all(p, !p.contains('/../') && !p.endsWith('/..') && !p.endsWith('/') && !(p in ['/tmp', '/proc', '/sys', '/dev', '/etc', '/var', '/var/lib', '/var/run', '/run', '/usr', '/bin', '/lib', '/opt']) && !p.startsWith('/proc/') && !p.startsWith('/sys/') && !p.startsWith('/dev/') && !p.startsWith('/etc/portcullis') && !p.startsWith('/var/lib/portcullis') && !p.startsWith('/var/lib/kubelet') && !p.startsWith('/etc/kubernetes') && !p.startsWith('/var/run/secrets'))",
                message =
                        "every item must be a folder of its own that agents write to, without .. and a slash at its end, and none of the system's: write one such as /srv/agents")
        @JsonPropertyDescription(
                "Folders of the node that agents write to, mounted read-only into the pods and watched with all below them; what is found is reported. A change rolls the pods. Default: none.")
        List<@Pattern("^/[^\\x00]+$") @Size(max = 1024) String> paths) {}
