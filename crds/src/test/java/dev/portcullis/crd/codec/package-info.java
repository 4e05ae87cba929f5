/** Files and JSON in, trees or sentences out. */
@org.jspecify.annotations.NullUnmarked
package dev.portcullis.crd.codec;
