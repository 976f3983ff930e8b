namespace Trt.Cli.Options;

/// <summary>Which of a profile's three shapes.</summary>
internal enum ShapePoint
{
    Min,
    Opt,
    Max,
}
