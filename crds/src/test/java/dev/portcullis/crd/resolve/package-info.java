/** Resources in, configurations or problems out. */
@org.jspecify.annotations.NullUnmarked
package dev.portcullis.crd.resolve;
