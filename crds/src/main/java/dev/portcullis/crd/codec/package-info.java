/** The one JSON and YAML codec of resources and resolved configurations. */
@NullMarked
package dev.portcullis.crd.codec;

import org.jspecify.annotations.NullMarked;
