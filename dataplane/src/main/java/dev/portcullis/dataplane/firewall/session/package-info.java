/** Live connections and their re-check when the policy or the kill switch changes. */
@NullMarked
package dev.portcullis.dataplane.firewall.session;

import org.jspecify.annotations.NullMarked;
