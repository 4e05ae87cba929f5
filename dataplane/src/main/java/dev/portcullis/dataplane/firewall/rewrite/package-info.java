/** What is changed in bodies on their way, before they are scanned. */
@NullMarked
package dev.portcullis.dataplane.firewall.rewrite;

import org.jspecify.annotations.NullMarked;
