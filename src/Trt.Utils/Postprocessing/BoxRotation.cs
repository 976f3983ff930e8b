namespace Trt.Utils;

/// <summary>How a box is turned about its middle, and how many numbers behind its first four say so: 0, 1 or 2.</summary>
/// <remarks>A point (dx, dy) from the middle of the upright box goes to (dx·cos − dy·sin, dx·sin + dy·cos): with y pointing down, clockwise for positive angles.</remarks>
public enum BoxRotation
{
    /// <summary>Upright: four numbers.</summary>
    None,

    /// <summary>A fifth number is the angle in radians; boxes with angles of a million or more overlap nothing.</summary>
    Angle,

    /// <summary>A fifth and a sixth number are sine and cosine, of any length: rotated detectors of ODTK's kind give them so. Both 0 means upright.</summary>
    SineCosine,
}
