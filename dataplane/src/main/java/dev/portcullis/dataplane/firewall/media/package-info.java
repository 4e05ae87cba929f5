/** Images, audio and video that come in: which may, and what images lose on the way. */
@NullMarked
package dev.portcullis.dataplane.firewall.media;

import org.jspecify.annotations.NullMarked;
