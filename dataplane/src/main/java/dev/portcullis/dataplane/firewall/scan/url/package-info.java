/** The stages that judge a URL, one file each, in the order of {@link UrlPipeline}. */
@NullMarked
package dev.portcullis.dataplane.firewall.scan.url;

import org.jspecify.annotations.NullMarked;
