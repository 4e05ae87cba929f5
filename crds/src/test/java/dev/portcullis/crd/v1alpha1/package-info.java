/** The records. */
@org.jspecify.annotations.NullUnmarked
package dev.portcullis.crd.v1alpha1;
