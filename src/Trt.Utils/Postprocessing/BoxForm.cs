namespace Trt.Utils;

/// <summary>What the first four numbers of a box are.</summary>
public enum BoxForm
{
    /// <summary>Left, top, right, bottom.</summary>
    Corners,

    /// <summary>Middle's x and y, width, height, as the YOLO family gives them.</summary>
    CentreAndSize,

    /// <summary>Left, top, width, height, as COCO's annotations have them.</summary>
    CornerAndSize,
}
