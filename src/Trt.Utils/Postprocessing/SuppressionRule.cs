namespace Trt.Utils;

/// <summary>How boxes are suppressed.</summary>
/// <param name="OverlapThreshold">The greatest intersection over union that two kept boxes may have, 0 to 1.</param>
/// <param name="ScoreThreshold">Scores have to be greater than this; null: any number will do. Not-a-number never does.</param>
/// <param name="Form">What the first four numbers of a box are.</param>
/// <param name="Rotation">What follows them.</param>
/// <param name="AcrossClasses">Whether boxes of different classes suppress each other too.</param>
/// <param name="CountsEndPixels">Whether the right and lower pixels belong to a box, so that it is right − left + 1 wide, as ODTK's detectors count; for upright boxes only.</param>
public readonly record struct SuppressionRule(
    float OverlapThreshold,
    float? ScoreThreshold = null,
    BoxForm Form = BoxForm.Corners,
    BoxRotation Rotation = BoxRotation.None,
    bool AcrossClasses = false,
    bool CountsEndPixels = false)
{
    /// <summary>Refuses what cannot be meant.</summary>
    internal void Check()
    {
        _ = BoxGeometry.Numbers(Rotation);
        if (!(OverlapThreshold is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(OverlapThreshold), OverlapThreshold, "An overlap threshold is a number from 0 to 1.");
        }

        if (Form is not (BoxForm.Corners or BoxForm.CentreAndSize or BoxForm.CornerAndSize))
        {
            throw new ArgumentOutOfRangeException(nameof(Form), Form, "There is no such form.");
        }

        if (CountsEndPixels && (Rotation != BoxRotation.None))
        {
            throw new ArgumentException("Turned boxes have no end pixels to count.", nameof(CountsEndPixels));
        }
    }
}
