namespace Trt.Cli;

/// <summary>How a picture of another size or ratio gets the model's.</summary>
internal enum PictureFit
{
    Stretch,
    Letterbox,
    Crop,
    None,
}
