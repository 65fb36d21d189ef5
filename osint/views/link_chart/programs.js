// What the graphics card draws in the overview: nodes in the outline of their kind, lines in the dashes of their basis.

const NODE_VERTEX = `
attribute vec4 a_id; attribute vec4 a_color; attribute vec2 a_position; attribute float a_size;
attribute vec4 a_quad; attribute vec2 a_cut;
uniform float u_sizeRatio; uniform float u_pixelRatio; uniform mat3 u_matrix;
varying vec4 v_color; varying vec4 v_quad; varying vec2 v_cut; varying float v_pixel;
void main() {
  gl_Position = vec4((u_matrix * vec3(a_position, 1)).xy, 0, 1);
  gl_PointSize = max(a_size / u_sizeRatio * u_pixelRatio * 2.6, 3.0);
  v_pixel = 2.6 / gl_PointSize; v_quad = a_quad; v_cut = a_cut;
  #ifdef PICKING_MODE
  v_color = a_id;
  #else
  v_color = a_color;
  #endif
  v_color.a *= 255.0 / 254.0;
}`;

const NODE_FRAGMENT = `
precision mediump float;
varying vec4 v_color; varying vec4 v_quad; varying vec2 v_cut; varying float v_pixel;
void main() {
  vec2 p = (gl_PointCoord - 0.5) * 2.6;
  float inside = v_cut.x < 0.0 ? 1.0 - length(p) : min(
    min(v_quad.y - abs(p.y), v_quad.x + v_quad.w * p.y - abs(p.x - v_quad.z * p.y)),
    v_cut.x - abs(p.x) - v_cut.y * abs(p.y));
  #ifdef PICKING_MODE
  gl_FragColor = inside > 0.0 ? v_color : vec4(0.0);
  #else
  gl_FragColor = mix(vec4(0.0), v_color, smoothstep(-0.5 * v_pixel, 0.5 * v_pixel, inside));
  #endif
}`;

// Half width, half height, lean and widening of a four-sided outline, and the rhomb that cuts its corners.
const OUTLINES = {
  account: null, hashtag: [1.3, 1.3, 0, 0, 1.2, 1], url: [0.92, 0.92, 0, 0, 9, 1], domain: [0.97, 0.8, -0.28, 0, 9, 1],
  post: [1.1, 0.95, 0, 0, 1.1, 0.58], person: [1, 1, 0, 0, 1.42, 1], group: [0.95, 0.85, 0, 0.24, 9, 1],
  media: [0.75, 1.1, 0, 0, 9, 1], place: [0.8, 1.2, 0, -0.3, 1.3, 0.8], phone: [0.97, 0.8, -0.28, 0, 9, 1],
  email: [1.2, 0.75, 0, 0, 9, 1], vehicle: [1.25, 0.8, 0, 0, 1.25, 0.3], wallet: [0.95, 0.85, 0, -0.24, 9, 1],
  event: [1, 1.2, 0, 0.3, 1.4, 1],
};
const TRIANGLE = [0.6, 1, 0, 0.56, 9, 1];
const DISC = [1, 1, 0, 0, -1, 1];

export function outlineOf(kind) {
  return Object.hasOwn(OUTLINES, kind) ? OUTLINES[kind] ?? DISC : TRIANGLE;
}

export function nodeProgram({ rendering, utils }) {
  const { FLOAT, UNSIGNED_BYTE, POINTS } = WebGLRenderingContext;
  return class extends rendering.NodeProgram {
    getDefinition() {
      const floats = [["a_position", 2], ["a_size", 1], ["a_quad", 4], ["a_cut", 2]];
      const bytes = ["a_color", "a_id"].map((name) => ({ name, size: 4, type: UNSIGNED_BYTE, normalized: true }));
      return {
        VERTICES: 1, VERTEX_SHADER_SOURCE: NODE_VERTEX, FRAGMENT_SHADER_SOURCE: NODE_FRAGMENT, METHOD: POINTS,
        UNIFORMS: ["u_sizeRatio", "u_pixelRatio", "u_matrix"],
        ATTRIBUTES: [...floats.map(([name, size]) => ({ name, size, type: FLOAT })), ...bytes],
      };
    }

    processVisibleItem(index, start, data) {
      this.array.set([data.x, data.y, data.size, ...data.outline, utils.floatColor(data.color), index], start);
    }

    setUniforms({ sizeRatio, pixelRatio, matrix }, { gl, uniformLocations }) {
      gl.uniform1f(uniformLocations.u_pixelRatio, pixelRatio);
      gl.uniform1f(uniformLocations.u_sizeRatio, sizeRatio);
      gl.uniformMatrix3fv(uniformLocations.u_matrix, false, matrix);
    }
  };
}

export function lineProgram({ rendering }, drawn, period) {
  const along = `
    vec2 span = ((u_matrix * vec3(a_positionEnd, 1)).xy - (u_matrix * vec3(a_positionStart, 1)).xy) * u_half;
    v_along = a_positionCoef * length(span);`;
  return class extends rendering.EdgeRectangleProgram {
    getDefinition() {
      const known = super.getDefinition();
      return {
        ...known, UNIFORMS: [...known.UNIFORMS, "u_half"],
        VERTEX_SHADER_SOURCE: known.VERTEX_SHADER_SOURCE
          .replace("void main() {", `uniform vec2 u_half; varying float v_along;\nvoid main() {${along}`),
        FRAGMENT_SHADER_SOURCE: known.FRAGMENT_SHADER_SOURCE.replace(
          /void main\((void)?\) \{/,
          `varying float v_along;\nvoid main(void) {\n#ifndef PICKING_MODE\nif (mod(v_along, ${period.toFixed(1)}) > ${drawn.toFixed(1)}) discard;\n#endif\n`,
        ),
      };
    }

    setUniforms(parameters, info) {
      super.setUniforms(parameters, info);
      info.gl.uniform2f(info.uniformLocations.u_half, parameters.width / 2, parameters.height / 2);
    }
  };
}
