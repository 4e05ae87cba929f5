/** A real kube-apiserver with the CRDs of this module. */
@NullMarked
package dev.portcullis.crd.apiserver;

import org.jspecify.annotations.NullMarked;
