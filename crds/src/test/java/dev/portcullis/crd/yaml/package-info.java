/** The CRD files: how they are made from the records, and that they are true. */
@NullUnmarked
package dev.portcullis.crd.yaml;

import org.jspecify.annotations.NullUnmarked;
